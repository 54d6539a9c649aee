// Lines of text for people: labelled rows, tables, numbers and times.

/** `label      value`, with the labels of a block in one column. */
export function row(label: string, value: string): string {
  return `${label.padEnd(12)}${value}`;
}

/** Rows of cells in columns. The first column is left-aligned, the others right-aligned. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const lines = rows.map((cells) => cells.map((cell) => cell.replaceAll('\n', '\\n')));
  const widths = lines[0].map((_, column) =>
    Math.max(...lines.map((cells) => cells[column].length)),
  );
  return lines.map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('   ')
      .trimEnd(),
  );
}

/** Text wrapped at spaces to lines of at most `width` characters. A longer word gets a line of its own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    if (last >= 0 && lines[last].length + 1 + word.length <= width) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** 1234567 → 1,234,567. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** 75 → 1:15, 3700 → 1:01:40. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `1 seed`, `5 seeds`. */
export const countOfSeeds = (count: number): string => `${count} ${count === 1 ? 'seed' : 'seeds'}`;
