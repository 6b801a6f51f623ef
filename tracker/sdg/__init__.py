"""The Single Digital Gateway: monthly statistics and feedback as Regulation (EU) 2018/1724 wants them."""
