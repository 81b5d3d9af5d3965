import base from "./playwright.config.ts";

// Makes the README's pictures of the running panel; `make pictures` runs it.
export default {
  ...base,
  testDir: ".",
  testMatch: "pictures.ts",
  retries: 0,
  projects: base.projects?.filter((project) => project.name === "hydrated"),
};
