"""What every room of the house may use: errors, identifiers, clock, entropy, services, the protocol file."""
