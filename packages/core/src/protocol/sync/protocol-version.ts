/**
 * The version of the native protocol. It rises when a message changes in a way that an older side would misread; a new
 * optional member, or a new message that is only sent when asked for, is no such change. A test pins it together with
 * a hash of all messages, so that the wire cannot change unnoticed.
 */
export const SYNC_PROTOCOL_VERSION = 1;
