"""Commands and the rules that decide them, one module for each stage of a case."""
