"""TaskRouter: one workspace, its workers, and the tasks that are offered to them."""
