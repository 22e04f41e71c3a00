/** Pure: Mermaid's text becomes an SVG that asks for nothing, as a page shows it in an image. */
import { renderMermaidSVG } from 'beautiful-mermaid'

/** Throws where the text is no diagram. */
export const diagram = (mermaid: string): string =>
  // The library asks Google for a font. An image may not load one, and nobody shall be told who reads a page.
  renderMermaidSVG(mermaid)
    .replace(/^\s*@import .*$/m, '')
    .replaceAll("'Inter', ", '')
