"""Any DICOM file: finding files, tolerant headers, stored pixels."""
