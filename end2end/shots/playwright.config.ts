import base from "../playwright.config.ts";
export default { ...base, testDir: ".", outputDir: "/tmp/shots-out", projects: [base.projects![0]!] };
