// Follows the runs: the portal tells when the newest ones change, and the page asks for itself again.
import { refresh } from './fragment.js';
import { follow } from './live.js';

follow('/reconciliation/events', { changed: () => refresh(document.getElementById('reconciliation')) });
