"""The rules of the domain, told as given, when and then: no database, no clock, milliseconds."""
