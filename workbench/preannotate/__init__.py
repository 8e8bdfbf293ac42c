"""Suggests annotations before anybody has made one."""
