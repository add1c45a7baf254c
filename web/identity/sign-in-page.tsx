import { useState } from 'react';
import { Button } from '../components/button.tsx';
import { Logo } from '../components/icons.tsx';
import { pageUrl, type SiteConfig } from '../config.ts';
import { useStrings } from '../strings/strings.tsx';
import { beginLogin } from './login.ts';

/** Leaves for the login page, which comes back to where the reader is now. */
export async function leaveForLogin(config: SiteConfig): Promise<void> {
  const place = { redirectUri: pageUrl(location), returnTo: location.hash };
  location.assign(await beginLogin(config, sessionStorage, place));
}

interface SignInPageProps {
  readonly config?: SiteConfig;
  readonly trouble?: 'failed' | 'unconfigured';
}

export function SignInPage({ config, trouble }: SignInPageProps) {
  const { brand, login } = useStrings();
  const [isLeaving, setLeaving] = useState(false);
  return (
    <main className="sign-in">
      <div className="sign-in__box">
        <p className="sign-in__brand">
          <Logo size={36} />
          {brand}
        </p>
        <h1 className="sign-in__title">{login.title}</h1>
        <p className="sign-in__lead">{login.lead}</p>
        {trouble && (
          <p className="sign-in__trouble" role="alert">
            {login[trouble]}
          </p>
        )}
        {config && (
          <Button
            look="primary"
            isPending={isLeaving}
            onPress={() => {
              setLeaving(true);
              leaveForLogin(config);
            }}
          >
            {isLeaving ? login.leaving : login.signIn}
          </Button>
        )}
      </div>
    </main>
  );
}
