import { createContext, type ReactNode, useContext } from 'react';
import type { ApiClient } from './api/client.ts';
import type { Me } from './api/me.ts';
import type { SiteConfig } from './config.ts';
import type { Session } from './identity/session.ts';

/** What the views work with. */
export interface Services {
  readonly config: SiteConfig;
  readonly session: Session;
  readonly api: ApiClient;
  /** Undefined until it is known. */
  readonly me: Me | undefined;
}

const ServicesContext = createContext<Services | undefined>(undefined);

export const ServicesProvider = ({ services, children }: { services: Services; children: ReactNode }) => (
  <ServicesContext value={services}>{children}</ServicesContext>
);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error('ServicesProvider is missing');
  return services;
}

export const useApi = (): ApiClient => useServices().api;

/** Whether the reader's role is at least this one; false until it is known. */
export function useMay(role: Me['role']): boolean {
  const { me } = useServices();
  return me !== undefined && ROLES.indexOf(me.role) >= ROLES.indexOf(role);
}
const ROLES = ['reader', 'contributor', 'administrator'] as const;
