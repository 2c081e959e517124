"""Pass in Classroom: the only room that knows both products."""
