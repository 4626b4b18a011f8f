"""The sandbox: registries to be asked, on people and companies that do not exist."""
