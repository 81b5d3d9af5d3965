import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Returns the panel's texts in a language, with their placeholders filled. */
export function words(language: "en" | "tr"): (key: string, values?: Record<string, string>) => string {
  const file = resolve(import.meta.dirname, `../../locales/${language}.json`);
  const texts = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  return (key, values = {}) => {
    const text = texts[key];
    if (text === undefined) {
      throw new Error(`${file} has no ${key}`);
    }
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  };
}
