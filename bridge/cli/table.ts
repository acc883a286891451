import { oneLine } from '../base/text.ts';

const LONGEST_CELL = 60;

/**
 * Rows as aligned lines, the first one being the heading. Cells are cut to one clean line each, because names of tools
 * and clients come from outside and could carry control sequences.
 */
export function table(
  rows: readonly (readonly string[])[],
  paint = (line: string): string => line,
): string[] {
  const cells = rows.map((row) => row.map((cell) => oneLine(cell, LONGEST_CELL)));
  const widths: number[] = [];
  for (const row of cells) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    }
  }
  return cells.map((row, index) => {
    const line = row
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    return index === 0 ? paint(line) : line;
  });
}

/** The cell with blanks up to a width. */
export function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - widthOf(cell)));
}

/** Columns a text takes in a terminal; characters of East Asian scripts and emoji take two. */
function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter('en').segment(text)) {
    width +=
      /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
        segment,
      )
        ? 2
        : 1;
  }
  return width;
}
