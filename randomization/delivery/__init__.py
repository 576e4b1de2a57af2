"""What every page and every endpoint shares: forms, log-in, second factor, tablets, the page of the audit trail."""
