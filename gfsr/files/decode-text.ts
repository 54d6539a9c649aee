// Text of a file that must be UTF-8.

/**
 * UTF-8 without its byte order mark. Other encodings are refused: their letters would all become the same sign.
 *
 * @throws RangeError with the first line that is not UTF-8
 */
export function decodeText(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const lines = new TextDecoder().decode(bytes).split('\n');
    const line = 1 + lines.findIndex((text) => text.includes('\ufffd'));
    throw new RangeError(
      `${where}: line ${line} is not UTF-8: it is no text, or text of another encoding, such as Latin-1 or UTF-16. Save text as UTF-8.`,
    );
  }
}
