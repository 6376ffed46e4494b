/** Which of a cluster's 16,384 slots a name falls into: CRC16 (XMODEM) of it, as the cluster specification says. */
const SLOTS = 16_384;
const POLYNOMIAL = 0x1021;

/** For names without braces, which would make a part of the name count. */
export function slotOf(name: string): number {
  let crc = 0;
  for (const byte of Buffer.from(name)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1) & 0xffff;
  }
  return crc % SLOTS;
}
