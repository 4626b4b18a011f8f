"""The demands of law: requirement, reduction and keep rules, their conditions, their packs."""
