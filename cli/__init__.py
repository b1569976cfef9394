"""The maint command."""
