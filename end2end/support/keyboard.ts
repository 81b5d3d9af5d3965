import { type Locator, type Page, expect } from "@playwright/test";

/** Somebody who uses a page with the keyboard alone. */
export class Keyboard {
  constructor(readonly page: Page) {}

  /** Moves the focus to an element with Tab. */
  async reach(target: Locator): Promise<void> {
    await expect(target).toBeVisible();
    for (let step = 0; step < 250; step += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) {
        await expect(target).toBeInViewport();
        return;
      }
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not reach ${target}`);
  }

  /** Presses a link or a button. */
  async press(target: Locator): Promise<void> {
    await this.reach(target);
    await this.page.keyboard.press("Enter");
  }

  /** Ticks a box, or takes its tick away. */
  async tick(target: Locator): Promise<void> {
    await this.reach(target);
    await this.page.keyboard.press("Space");
  }

  /** Replaces the text of a field. */
  async write(target: Locator, text: string): Promise<void> {
    await this.reach(target);
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.type(text);
  }

  /** Chooses an option of a list with the arrow keys. */
  async choose(target: Locator, option: string): Promise<void> {
    await this.reach(target);
    const checked = target.locator("option:checked");
    await this.page.keyboard.press("Home");
    for (let step = await target.locator("option").count(); step > 0 && (await checked.textContent()) !== option; step -= 1) {
      await this.page.keyboard.press("ArrowDown");
    }
    await expect(checked).toHaveText(option);
  }
}
