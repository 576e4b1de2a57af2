"""Pages of the account: log-in, second factor, tablets, the audit trail."""
