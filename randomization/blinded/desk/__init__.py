"""The trial manager's admin panel."""
