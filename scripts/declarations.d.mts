// Types of declarations.mjs.

export function exportsOf(
  file: string,
): Map<string, { readonly kind: string; readonly signature: string; readonly doc: string }>;
