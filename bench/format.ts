// Numbers as a person reads them.

/** Three digits that count: 0.142, 1.57, 30.5, 206, 12,345. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3).replace(/^(-?0\.0*[1-9]\d?)\d*$/, '$1');
}

/** 0.123 → 12 %; below one, with a decimal. */
export const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(share < 0.0095 ? 1 : 0)} %` : '–';

/** In MiB. */
export const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
