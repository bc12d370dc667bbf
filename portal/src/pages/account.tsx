// One's own account: name, password, second factor, where one is signed in, and what acts for one.

import { Page } from '../parts/page.tsx';
import { accountWords } from '../words/account.ts';
import { ApplicationsPanel } from './account/applications.tsx';
import { PasswordPanel } from './account/password.tsx';
import { ProfilePanel } from './account/profile.tsx';
import { SecondFactorPanel } from './account/second-factor.tsx';
import { SessionsPanel } from './account/sessions.tsx';

export function AccountPage() {
  return (
    <Page title={accountWords.title} width="narrow">
      <ProfilePanel />
      <PasswordPanel />
      <SecondFactorPanel />
      <SessionsPanel />
      <ApplicationsPanel />
    </Page>
  );
}
