"""The pages, one module for each subject: read the form, call the facade, build the view, render.

A page is an async function of request and visitor, declared by `@page`; the guard's table states who may call it.

Imports the rooms before it, and the service's facade, languages and protocol.
"""
