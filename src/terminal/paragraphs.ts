/** Lines with a blank one between the paragraphs; empty paragraphs are left out. */
export function paragraphs(parts: readonly (readonly string[])[]): readonly string[] {
  return parts.filter(lines => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))
}
