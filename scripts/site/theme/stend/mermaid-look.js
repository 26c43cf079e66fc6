// Material gives Mermaid its colours but for these two, which would be Mermaid's own.
const LOOK = `
  .actor-line { stroke: var(--edge) !important; }
  marker path { fill: var(--ink-3) !important; stroke: var(--ink-3) !important; }
`;
const initialize = mermaid.initialize;
mermaid.initialize = (settings) =>
  initialize({ ...settings, themeCSS: `${settings.themeCSS} ${LOOK}` });
