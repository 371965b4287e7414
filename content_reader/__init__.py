"""Content as a checkout has it, YAML for people, read for every door; the Lambda gets the one compiled document."""
