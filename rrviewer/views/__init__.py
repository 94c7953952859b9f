"""A folder a kind of view: scene.py (query to frozen scene, no Qt) and widget.py (draws it)."""
