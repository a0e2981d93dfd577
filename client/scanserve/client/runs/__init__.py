"""What every application's run needs: its connection, output folder, records of the result, report."""
