/** Adds the user's tenant, and who asked, to the access token. */
export async function handler(event) {
  const claimsToAddOrOverride = {
    'app:tenant': event.request.userAttributes['custom:tenant'],
    'app:source': event.triggerSource,
  };
  const accessTokenGeneration = { claimsToAddOrOverride };
  return { ...event, response: { claimsAndScopeOverrideDetails: { accessTokenGeneration } } };
}
