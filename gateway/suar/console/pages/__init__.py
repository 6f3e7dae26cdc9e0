"""The pages, a module a subject: read the form, ask the facade, build the view, render.

A page is an async function of request and visitor, declared by `@page`; the guard's table says who may call it.
"""
