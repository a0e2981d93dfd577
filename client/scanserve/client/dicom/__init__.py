"""DICOM objects of a run: what an application found, written so that viewers and archives take it.

    uids.py           the same UIDs for the same input
    sources.py        the images that were analysed, as objects to refer to
    content.py        what an application says
    codes.py          the codes that say it
    identity.py       what every object states of itself: equipment, notice, training
    report.py         Structured Report (TID 1500)
    curves.py         3D Structured Report of centerlines
    presentation.py   Presentation State of lines in the plane of an image
    segmentation.py   Segmentation
    tubes.py          voxels around centerlines
    capture.py        Secondary Capture
    deidentify.py     the basic profile of PS3.15
    write.py          all of it, to files

An application makes a :class:`~scanserve.client.dicom.content.Content` and calls
:func:`~scanserve.client.dicom.write.write_objects`.  Importing this package loads nothing heavy.
"""

__all__: list[str] = []
