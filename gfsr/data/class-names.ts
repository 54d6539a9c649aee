// The class names of known data sets, in label order.

export const DERMATOLOGY = [
  'actinic keratosis',
  'basal cell carcinoma',
  'benign keratosis',
  'dermatofibroma',
  'melanoma',
  'melanocytic nevus',
  'vascular lesion',
];

export const ORGANS = [
  'bladder',
  'femur left',
  'femur right',
  'heart',
  'kidney left',
  'kidney right',
  'liver',
  'lung left',
  'lung right',
  'pancreas',
  'spleen',
];

export const BLOOD_CELLS = [
  'basophil',
  'eosinophil',
  'erythroblast',
  'immature granulocyte',
  'lymphocyte',
  'monocyte',
  'neutrophil',
  'platelet',
];

export const TISSUES = [
  'adipose',
  'background',
  'debris',
  'lymphocytes',
  'mucus',
  'smooth muscle',
  'normal colon mucosa',
  'cancer-associated stroma',
  'colorectal adenocarcinoma epithelium',
];

export const BUTTERFLIES = [
  'Danaus plexippus',
  'Heliconius charitonius',
  'Heliconius erato',
  'Junonia coenia',
  'Lycaena phlaeas',
  'Nymphalis antiopa',
  'Papilio cresphontes',
  'Pieris rapae',
  'Vanessa atalanta',
  'Vanessa cardui',
];
