"""Look-ups: how registries are asked. The one part of the domain that meets the network."""
