"""People, roles, memberships, signatures."""
