"""What many comments talk about: words to stems, stems to phrases, phrases to topics. Pure: texts in, topics out."""
