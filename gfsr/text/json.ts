// Reads JSON that a stranger wrote: a key that could reach a prototype is refused.

/** @throws RangeError if `text` is not JSON or has a key `__proto__`; `where` begins the message. */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text, (key, value) => {
      if (key === '__proto__') throw new RangeError(`${where}: key "__proto__" is not allowed.`);
      return value;
    });
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new RangeError(`${where}: not JSON (${(error as Error).message}).`);
  }
}
