import type { Locator, Page } from 'playwright-core';

/** Operates Swagger UI like an operator. */
export class SwaggerUi {
  constructor(private readonly page: Page) {}

  /** Enters credentials in the Authorize dialog, by the names of the security schemes. */
  async authorize(credentials: Record<string, string>): Promise<void> {
    await this.page.locator('.scheme-container button.authorize').click();
    const dialog = this.page.locator('.modal-ux');
    for (const [scheme, value] of Object.entries(credentials)) {
      const part = dialog.locator('.auth-container').filter({ has: this.page.locator(`h4 code:text-is("${scheme}")`) });
      await part.locator('input').fill(value);
      await part.getByRole('button', { name: 'Apply credentials' }).click();
      await part.getByText('Authorized').waitFor();
    }
    await dialog.locator('.close-modal').click();
  }

  /** Presses Execute on a route, and reads the status and the body of the displayed response. */
  async execute(
    method: string,
    path: string,
    {
      body,
      parameters = {},
      keepsOpen = false,
    }: { body?: unknown; parameters?: Record<string, string>; keepsOpen?: boolean } = {},
  ) {
    const route = this.route(method, path);
    await route.locator('.opblock-summary-control').click();
    for (const [name, value] of Object.entries(parameters))
      await route.locator(`tr[data-param-name="${name}"] input`).fill(value);
    if (body !== undefined) await route.locator('textarea.body-param__text').fill(JSON.stringify(body));
    await route.getByRole('button', { name: 'Execute' }).click();
    const answer = route.locator('.live-responses-table');
    await answer.waitFor();
    const status = Number.parseInt(await answer.locator('tbody .response-col_status').first().innerText(), 10);
    const text = await answer.locator('.highlight-code code').first().innerText();
    if (!keepsOpen) await route.locator('.opblock-summary-control').click();
    return { status, json: JSON.parse(text) as Record<string, unknown> };
  }

  private route(method: string, path: string): Locator {
    const summary = this.page.locator(`.opblock-summary-path[data-path="${path}"]`);
    return this.page.locator(`.opblock-${method.toLowerCase()}`).filter({ has: summary });
  }
}
