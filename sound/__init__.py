"""A response as it is heard: SSML and APL for Audio read strictly, timed (`playback`), rendered (`audio`), measured.

`ssml`, `apla` and `playback` are the standard library; `audio` and `measuring` need the development packages.
"""
