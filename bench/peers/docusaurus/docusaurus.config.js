// The classic preset as it comes. What is set: names that have no default, the pages as the whole
// site (no blog), and .md files read as Markdown and not as MDX, which would refuse <https://...>.
module.exports = {
  title: "Integrated Spine Institute",
  url: "https://www.example.org",
  baseUrl: "/",
  markdown: { format: "detect" },
  presets: [["classic", { docs: { routeBasePath: "/" }, blog: false }]],
};
