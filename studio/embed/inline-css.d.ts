// Style sheets as text, as Vite gives them.

declare module '*.css?inline' {
  const css: string;
  export default css;
}
