Console.WriteLine("KBitQuant");
