/** Who is logged in: `GET /me`. */
export interface Me {
  readonly userId: string;
  readonly name?: string;
  readonly tenant: string;
  readonly role: 'reader' | 'contributor' | 'administrator';
  readonly groups: readonly string[];
}
