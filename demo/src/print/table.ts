/** Rows of texts as lines with straight columns. The first row is the heading; numbers stand to the right. */
export function tableLines(
  rows: readonly (readonly string[])[],
  rightColumns: readonly number[] = [],
): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return rightColumns.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('   ')
      .trimEnd(),
  );
}
